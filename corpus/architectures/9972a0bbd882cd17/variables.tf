variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "criticality" {
  type    = string
  default = "high"
}
