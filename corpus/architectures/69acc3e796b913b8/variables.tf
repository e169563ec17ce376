variable "region" {
  type    = string
  default = "eu-west-2"
}

variable "cellars" {
  type    = list(string)
  default = ["mash", "ferment", "lager"]
}

variable "temperatures" {
  description = "Degrees Celsius by cellar; what is not named here is kept at 12."
  type        = map(number)

  default = {
    mash  = 66
    lager = 4
  }
}
