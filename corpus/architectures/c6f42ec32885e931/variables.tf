variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "stage" {
  type    = string
  default = "live"
}

variable "tags" {
  type = map(string)
  default = {
    Application = "greengrocer"
    Tier        = "edge"
  }
}
