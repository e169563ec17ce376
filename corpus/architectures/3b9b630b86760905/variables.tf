variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "lines" {
  description = "The lines of the plant, and the machines on each."
  type        = map(list(string))

  default = {
    cider    = ["washer", "filler", "labeller"]
    lemonade = ["filler", "labeller"]
  }
}

variable "keep_hours" {
  type    = number
  default = 12
}

variable "broker_password" {
  description = "Only good for a broker that nobody can reach."
  type        = string
  default     = "bottles-and-crates"
}
