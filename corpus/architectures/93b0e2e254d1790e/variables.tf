variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "regions" {
  type    = list(string)
  default = ["eu-central-1", "eu-west-1", "us-east-1"]
}

variable "schools" {
  description = "The schools, and the faculties of each."
  type        = map(list(string))

  default = {
    science = ["physics", "botany"]
    arts    = ["music"]
    library = []
  }
}

variable "noise" {
  description = "Findings that are archived while not severe: all except these."

  type = map(object({
    field  = string
    except = list(string)
  }))

  default = {
    but-not-in-examinations = {
      field  = "resource.instanceDetails.tags.value"
      except = ["examination", "admission"]
    }

    but-not-by-robots = {
      field  = "resource.accessKeyDetails.userType"
      except = ["Role"]
    }
  }
}
