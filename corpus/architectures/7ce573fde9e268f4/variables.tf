variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "rules" {
  description = "When backups are made; after how many days they are cold, and deleted; whether they are copied."

  type = map(object({
    schedule     = string
    cold_after   = number
    delete_after = number
    copied       = bool
  }))

  default = {
    daily   = { schedule = "cron(0 3 * * ? *)", cold_after = null, delete_after = 35, copied = false }
    monthly = { schedule = "cron(0 4 1 * ? *)", cold_after = 30, delete_after = 3650, copied = true }
  }
}

variable "protected_tags" {
  description = "Values of the tag Backup that the plan protects; none until the move."
  type        = map(string)
  default     = {}
}
