variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "bucket_prefix" {
  description = "Every bucket's name begins with it; bucket names are global."
  type        = string
  default     = "strings-and-shadows-19ea"
}

variable "domain" {
  type    = string
  default = "strings-and-shadows.example"
}

variable "cities" {
  type = map(object({
    title       = string
    shows       = list(string)
    embedded_by = list(string)
    error_page  = bool
  }))
  default = {
    ghent = {
      title       = "Ghent"
      shows       = ["The Fox and the Friar", "Paper Moons"]
      embedded_by = []
      error_page  = true
    }
    lisbon = {
      title       = "Lisbon"
      shows       = ["The Tram that Sang"]
      embedded_by = ["https://what-is-on.example"]
      error_page  = true
    }
    turin = {
      title       = "Turin"
      shows       = ["Gianduja's Dinner", "A Small Opera", "Paper Moons"]
      embedded_by = ["https://culture.example", "https://what-is-on.example"]
      error_page  = false
    }
  }
}

variable "recording_shards" {
  type    = number
  default = 4
}

variable "recording_transitions" {
  description = "After how many days recordings move to each storage class."
  type        = map(number)
  default = {
    STANDARD_IA = 30
    GLACIER     = 120
  }
}

variable "tags" {
  type = map(string)
  default = {
    Festival = "strings-and-shadows"
  }
}
