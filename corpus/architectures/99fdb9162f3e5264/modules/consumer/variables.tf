variable "name" {
  description = "Name of the queue."
  type        = string
}

variable "topic_arn" {
  description = "Topic to subscribe to."
  type        = string
}

variable "events" {
  description = "Values of the message attribute `event` to deliver; all when empty."
  type        = list(string)
  default     = []
}

variable "retention_seconds" {
  type = number
}

variable "max_receive_count" {
  type = number
}

variable "kms_key_arn" {
  type = string
}

variable "tags" {
  type    = map(string)
  default = {}
}
