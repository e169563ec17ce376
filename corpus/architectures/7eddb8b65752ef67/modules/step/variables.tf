variable "name" {
  type = string
}

variable "archive" {
  description = "Zip file with the code."
  type        = string
}

variable "handler" {
  type = string
}

variable "role_arn" {
  type = string
}

variable "memory" {
  type    = number
  default = 128
}

variable "timeout" {
  type    = number
  default = 3
}
