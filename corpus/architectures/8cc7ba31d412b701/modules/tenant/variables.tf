variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "retention_seconds" {
  type = number
}

variable "receive_count" {
  type = number
}

variable "delay_seconds" {
  type = number
}

variable "readers" {
  type = number
}

variable "tags" {
  type = map(string)
}
