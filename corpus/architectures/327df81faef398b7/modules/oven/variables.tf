variable "name" {
  type = string
}

variable "product" {
  type = string
}

variable "celsius" {
  type = number
}

variable "topic_arn" {
  type = string
}
