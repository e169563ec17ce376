variable "region" {
  type    = string
  default = "us-east-1"
}

variable "include_seasonal" {
  description = "Whether to schedule the jobs of the carnival season too."
  type        = bool
  default     = false
}

variable "tags" {
  type    = map(string)
  default = { Shop = "bakery" }
}
