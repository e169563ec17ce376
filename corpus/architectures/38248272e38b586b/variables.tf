variable "region" {
  description = "Web ACLs for CloudFront can only be made in this region."
  type        = string
  default     = "us-east-1"
}

variable "title" {
  type    = string
  default = "The Morning Paper"
}

variable "weather_host" {
  type    = string
  default = "weather.morning-paper.example"
}

variable "countries" {
  description = "Where the paper may be read; empty means everywhere."
  type        = list(string)
  default     = ["DE", "AT", "CH"]
}

variable "scrapers" {
  type    = list(string)
  default = ["198.51.100.0/24", "203.0.113.7/32"]
}

variable "requests_in_five_minutes" {
  type    = number
  default = 2000
}

variable "word" {
  description = "What CloudFront tells the bucket, so that nobody else can ask it."
  type        = string
  default     = "early-bird"
}
