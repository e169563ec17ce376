variable "region" {
  type    = string
  default = "us-east-1"
}

variable "card_limit" {
  description = "Cards are charged up to this sum."
  type        = number
  default     = 400
}

variable "hall_size" {
  description = "No order may reserve more seats than the hall has."
  type        = number
  default     = 12
}

variable "tags" {
  type = map(string)
  default = {
    Stage = "small-hall"
  }
}
