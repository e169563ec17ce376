variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "domains" {
  description = "The domains of the office."
  type        = set(string)
  default     = ["lost.railway.example", "found.railway.example"]
}

variable "desks" {
  type    = set(string)
  default = ["umbrellas", "luggage"]
}

variable "office" {
  type    = string
  default = "Lost Property, platform 3"
}

variable "bucket_prefix" {
  description = "The mail bucket's name begins with it; bucket names are global."
  type        = string
  default     = "lost-property-2f77"
}

variable "tags" {
  type = map(string)
  default = {
    Office = "lost-property"
  }
}
