schemaVersion: "2.2"
description: Makes every candidate the current version of its secret.
parameters:
  Stage:
    type: String
    description: The stage of the versions that wait.
    default: ${stage}
mainSteps:
  - action: aws:runShellScript
    name: rotate
    inputs:
      runCommand:
        - secrets=$(aws ssm get-parameter --name ${parameter} --query Parameter.Value --output text)
        - for secret in $(echo "$secrets" | tr , ' '); do promote "$secret" "{{ Stage }}"; done
