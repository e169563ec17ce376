variable "name" {
  type = string
}

variable "oven" {
  type = string
}

variable "comparison" {
  type = string
}

variable "celsius" {
  type = number
}
