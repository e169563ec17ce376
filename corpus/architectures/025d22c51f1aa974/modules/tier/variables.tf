variable "name" {
  type = string
}

variable "tier" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "cidr_blocks" {
  type = list(string)
}

variable "zones" {
  type = list(string)
}

variable "public" {
  description = "Whether machines get public addresses."
  type        = bool
  default     = false
}

variable "tags" {
  type    = map(string)
  default = {}
}
