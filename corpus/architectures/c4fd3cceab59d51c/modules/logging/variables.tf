variable "name" {
  type = string
}

variable "bucket_prefix" {
  type = string
}

variable "kms_key_arn" {
  type = string
}

variable "retention_days" {
  type = number
}

variable "filters" {
  description = "Metrics that are counted from log lines."
  type        = map(object({ group = string, metric = string, pattern = string }))
}

variable "tags" {
  type    = map(string)
  default = {}
}
