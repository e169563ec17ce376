variable "name" {
  type = string
}

variable "kms_key_arn" {
  type = string
}

variable "opens_at" {
  type = string
}

variable "ovens" {
  description = "The ovens: what each bakes, and at how many degrees Celsius."
  type        = map(number)
}
