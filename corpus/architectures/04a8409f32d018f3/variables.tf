variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "house" {
  type    = string
  default = "palms"
}

variable "dry_below" {
  description = "Beds below this moisture, in percent, are watered."
  type        = number
  default     = 35
}

variable "settle_seconds" {
  description = "How long the water settles before the report."
  type        = number
  default     = 1
}

variable "beds_at_once" {
  type    = number
  default = 2
}

variable "tags" {
  type = map(string)

  default = {
    Project = "greenhouse"
  }
}
