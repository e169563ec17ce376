variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "shards" {
  type    = number
  default = 2
}

variable "tags" {
  type    = map(string)
  default = { Station = "radio-meridian" }
}
