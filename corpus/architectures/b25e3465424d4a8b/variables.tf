variable "region" {
  type    = string
  default = "us-east-1"
}

variable "bucket_prefix" {
  type    = string
  default = "greenhouse-7b2e"
}

variable "keep_days" {
  type    = number
  default = 365
}

variable "tags" {
  type    = map(string)
  default = { Project = "greenhouse" }
}
