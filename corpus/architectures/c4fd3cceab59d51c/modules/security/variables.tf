variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "groups" {
  type = map(list(string))
}

variable "people" {
  type = map(list(string))
}

variable "tags" {
  type    = map(string)
  default = {}
}
