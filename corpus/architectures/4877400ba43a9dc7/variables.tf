variable "region" {
  description = "Where the queue is; the topics are elsewhere."
  type        = string
  default     = "eu-central-1"
}

variable "metres" {
  description = "Movements of at least this many metres are worth a message."
  type        = number
  default     = 2
}
