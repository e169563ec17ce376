variable "name" {
  type = string
}

variable "cidr_block" {
  type = string
}

variable "zones" {
  type = list(string)
}

variable "nat_instance_type" {
  type = string
}

variable "flow_log_group" {
  description = "ARN of the log group for flow logs."
  type        = string
}

variable "flow_log_role" {
  description = "ARN of the role that writes them."
  type        = string
}

variable "tags" {
  type    = map(string)
  default = {}
}
