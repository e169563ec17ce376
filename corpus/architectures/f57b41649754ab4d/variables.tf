variable "region" {
  type    = string
  default = "us-east-1"
}

variable "domain" {
  type    = string
  default = "cantus-novus.example"
}

variable "tags" {
  type    = map(string)
  default = { Choir = "cantus-novus" }
}
