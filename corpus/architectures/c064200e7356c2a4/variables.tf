variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "key_expires" {
  description = "Until when the API key is good; AWS allows a year at most."
  type        = string
  default     = null
}

variable "tags" {
  type = map(string)
  default = {
    Village = "lower-mill"
  }
}
