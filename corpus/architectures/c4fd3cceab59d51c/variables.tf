variable "region" {
  type    = string
  default = "eu-west-2"
}

variable "environment" {
  type    = string
  default = "production"
}

variable "bucket_prefix" {
  description = "The buckets' names begin with it; bucket names are global."
  type        = string
  default     = "tidepower-7be2"
}

variable "cidr_block" {
  type    = string
  default = "10.32.0.0/16"
}

variable "zone_count" {
  description = "How many availability zones the network spans."
  type        = number
  default     = 2
}

variable "nat_instance_type" {
  type    = string
  default = "t3.micro"
}

variable "log_retention_days" {
  type    = number
  default = 90
}

variable "groups" {
  description = "The managed policies of each group, by name."
  type        = map(list(string))
  default = {
    engineers = ["PowerUserAccess"]
    auditors  = ["SecurityAudit", "job-function/ViewOnlyAccess"]
  }
}

variable "people" {
  description = "The groups of each person."
  type        = map(list(string))
  default = {
    morwenna = ["engineers"]
    jago     = ["engineers", "auditors"]
    tamsin   = ["auditors"]
  }
}
