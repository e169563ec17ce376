variable "region" {
  type    = string
  default = "us-east-1"
}

variable "replicas" {
  type    = number
  default = 1
}

variable "parameters" {
  type = map(string)
  default = {
    log_min_duration_statement = "250"
    log_connections            = "1"
  }
}

variable "password" {
  description = "Only good for a database that nobody can reach."
  type        = string
  default     = "vinyl-and-shellac"
}
