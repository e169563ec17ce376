variable "region" {
  type    = string
  default = "us-east-1"
}

variable "limit_grams" {
  type    = number
  default = 31500
}

variable "visibility_timeout" {
  description = "Seconds for one parcel; at least the function's timeout."
  type        = number
  default     = 6
}
