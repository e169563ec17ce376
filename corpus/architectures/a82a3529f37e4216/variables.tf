variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "bucket_prefix" {
  type    = string
  default = "photo-studio-c3d8"
}

variable "domain" {
  type    = string
  default = "studio-lumen.example"
}

variable "tags" {
  type    = map(string)
  default = { Business = "photo-studio" }
}
