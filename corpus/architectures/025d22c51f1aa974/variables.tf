variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "environment" {
  type    = string
  default = "ward"
}

variable "cidr_block" {
  type    = string
  default = "10.40.0.0/16"
}
