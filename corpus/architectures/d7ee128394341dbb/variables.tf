variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "owner" {
  type    = string
  default = "shop-platform"
}

variable "review_threshold" {
  description = "Orders of this total and above are reviewed by a person."
  type        = number
  default     = 500
}

variable "free_shipping_from" {
  description = "Orders of this total and above are shipped for free."
  type        = number
  default     = 50
}
