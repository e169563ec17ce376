variable "region" {
  type    = string
  default = "us-east-1"
}

variable "bucket_prefix" {
  type    = string
  default = "reading-room-91ac"
}

variable "tags" {
  type    = map(string)
  default = { Application = "notes" }
}
