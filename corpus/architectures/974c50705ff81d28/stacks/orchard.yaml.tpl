AWSTemplateFormatVersion: "2010-09-09"
Description: Bins of the orchard ${orchard}
Parameters:
  Season:
    Type: String
  KeepForHours:
    Type: Number
    Default: 24
    MinValue: 1
Conditions:
  LongKeeping: !Not [!Equals [!Ref KeepForHours, 24]]
Resources:
%{ for apple, logical in apples ~}
  ${logical}Bin:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "cider-$${Season}-${orchard}-${apple}"
      MessageRetentionPeriod: !If [LongKeeping, 1209600, 86400]
%{ endfor ~}
  Windfall:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "cider-$${Season}-${orchard}-windfall"
  WindfallPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Windfall]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Windfall.Arn
Outputs:
%{ for apple, logical in apples ~}
  ${logical}Url:
    Value: !Ref ${logical}Bin
%{ endfor ~}
  WindfallArn:
    Value: !GetAtt Windfall.Arn
