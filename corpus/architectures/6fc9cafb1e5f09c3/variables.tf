variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "prefix" {
  type    = string
  default = "notary"
}

variable "lock_days" {
  description = "How long a replicated object cannot be deleted."
  type        = number
  default     = 10
}

variable "draft_days" {
  description = "Drafts are deleted after so many days."
  type        = number
  default     = 30
}

variable "tags" {
  type = map(string)

  default = {
    Project = "notary"
  }
}
