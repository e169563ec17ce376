variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "domain" {
  type    = string
  default = "clos-des-merles.example"
}

variable "tags" {
  type    = map(string)
  default = { Estate = "clos-des-merles" }
}
