variable "region" {
  type    = string
  default = "eu-west-2"
}

variable "valuable_from" {
  description = "Things insured for more than this are valuable."
  type        = number
  default     = 100000
}

variable "guards" {
  description = "Telephone numbers of the guards on duty."
  type        = list(string)
  default     = ["+442079460001", "+442079460002"]
}

variable "tags" {
  type = map(string)
  default = {
    House = "museum"
  }
}
