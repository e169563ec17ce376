variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "owner" {
  type    = string
  default = "reading-room"
}

variable "cidr_block" {
  type    = string
  default = "172.20.0.0/20"
}

variable "zones" {
  description = "Letters of the zones, one subnet in each."
  type        = list(string)
  default     = ["a", "b", "c"]
}

variable "interface_services" {
  type    = list(string)
  default = ["sqs", "kms", "secretsmanager", "logs"]
}

variable "flow_retention_days" {
  type    = number
  default = 365
}
