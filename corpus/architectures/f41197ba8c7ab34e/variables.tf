variable "region" {
  type    = string
  default = "us-east-1"
}

variable "cidr" {
  type    = string
  default = "10.42.0.0/16"
}

variable "release" {
  description = "The tag of the images that the services run."
  type        = string
  default     = "2026.11.1"
}

variable "images_kept" {
  type    = number
  default = 12
}
