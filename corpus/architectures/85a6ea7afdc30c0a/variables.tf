variable "region" {
  description = "Where the office is."
  type        = string
  default     = "eu-west-1"
}

variable "drydock_region" {
  type    = string
  default = "eu-north-1"
}

variable "office_cidr_block" {
  type    = string
  default = "10.20.0.0/18"
}

variable "drydock_cidr_block" {
  description = "Must not overlap with the office's."
  type        = string
  default     = "10.30.0.0/18"
}
