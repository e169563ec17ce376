variable "region" {
  type    = string
  default = "us-east-1"
}

variable "dome" {
  type    = string
  default = "meridian"
}

variable "retention_days" {
  type    = number
  default = 3
}

variable "tags" {
  type    = map(string)
  default = { Site = "observatory" }
}
