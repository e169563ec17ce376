variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "stage" {
  type    = string
  default = "v1"
}

variable "currency" {
  type    = string
  default = "EUR"
}

variable "price_per_km" {
  type    = number
  default = 2
}

variable "price_per_cubic_metre" {
  type    = number
  default = 25.5
}

variable "tags" {
  type    = map(string)
  default = { Application = "removals" }
}
