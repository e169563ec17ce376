variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "bucket_prefix" {
  description = "Both buckets' names begin with it; bucket names are global."
  type        = string
  default     = "harbour-museum-4f1c"
}

variable "title" {
  type    = string
  default = "Harbour Museum"
}

variable "log_retention_days" {
  type    = number
  default = 30
}

variable "tags" {
  type = map(string)
  default = {
    Site = "harbour-museum"
  }
}
