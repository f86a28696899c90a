"""AWS behind the ports: DynamoDB, S3, SQS, Cognito, Textract, and the events of the triggers."""
