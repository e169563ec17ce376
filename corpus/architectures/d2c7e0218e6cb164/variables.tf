variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "team" {
  type    = string
  default = "estate-agency"
}

variable "tags" {
  type = map(string)
  default = {
    Office = "harbour"
  }
}
