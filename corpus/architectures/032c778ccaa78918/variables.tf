variable "region" {
  type    = string
  default = "us-east-1"
}

variable "branch" {
  description = "Which pizzeria."
  type        = string
  default     = "napoli"
}

variable "prices" {
  description = "The menu: pizza to price."
  type        = map(number)
  default = {
    diavola    = 11
    margherita = 8
    marinara   = 7
  }
}

variable "max_pizzas" {
  type    = number
  default = 12
}

variable "tags" {
  type    = map(string)
  default = { Application = "pizzeria" }
}
