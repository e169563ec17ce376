variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "tags" {
  type = map(string)
  default = {
    Club = "climbing"
  }
}
