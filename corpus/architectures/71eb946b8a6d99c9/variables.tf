variable "region" {
  type    = string
  default = "us-east-1"
}

variable "service" {
  type    = string
  default = "quarterly-reports"
}

variable "environment" {
  type    = string
  default = "live"
}

variable "database_user" {
  type    = string
  default = "reporter"
}
