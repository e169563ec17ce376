variable "region" {
  type    = string
  default = "us-east-1"
}

variable "environment" {
  type    = string
  default = "ledger"
}

variable "receipt_shards" {
  description = "Number of receipt queues."
  type        = number
  default     = 3

  validation {
    condition     = var.receipt_shards > 0 && var.receipt_shards <= 16
    error_message = "Between 1 and 16 shards are supported."
  }
}

variable "instruction_attempts" {
  type    = number
  default = 2
}

variable "receipt_attempts" {
  type    = number
  default = 3
}

variable "dead_letter_retention_days" {
  type    = number
  default = 14
}

variable "extra_tags" {
  type    = map(string)
  default = {}
}
