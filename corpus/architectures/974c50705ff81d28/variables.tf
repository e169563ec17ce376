variable "region" {
  type    = string
  default = "eu-west-2"
}

variable "season" {
  type    = string
  default = "autumn"
}

variable "currency" {
  description = "EUR or GBP."
  type        = string
  default     = "EUR"
}

variable "bucket_prefix" {
  description = "The templates' bucket begins with it; bucket names are global."
  type        = string
  default     = "cider-press-61b9"
}

variable "orchards" {
  description = "The sorts of apples of each orchard."
  type        = map(list(string))
  default = {
    hillside = ["foxwhelp", "kingston-black"]
    riverbed = ["dabinett"]
  }
}

variable "keep_hours" {
  description = "Orchards that keep messages longer than a day."
  type        = map(number)
  default = {
    riverbed = 336
  }
}

variable "tags" {
  type = map(string)
  default = {
    Press = "cider"
  }
}
