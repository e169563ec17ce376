variable "name" {
  type = string
}

variable "cidr_block" {
  type = string
}

variable "zones" {
  type = list(string)
}

variable "peer_blocks" {
  type = list(string)
}

variable "tags" {
  type = map(string)
}
