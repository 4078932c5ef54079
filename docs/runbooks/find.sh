# Finds what a stack owns by its tags: names end at random, and an account may have more than one stack.
# In bash, from the folder of this repository: . docs/runbooks/find.sh <stack>
STACK=${1:?say which stack: . docs/runbooks/find.sh <stack>}
PROJECT=$(sed -n 's/^name: *//p' Pulumi.yaml)

# The ARN of the one thing of a type that is called <name> and seven random digits: arn_of lambda:function receipts-function
arn_of() {
  local found
  found=$(aws resourcegroupstaggingapi get-resources --resource-type-filters "$1" \
    --tag-filters "Key=groundwork:project,Values=$PROJECT" "Key=groundwork:stack,Values=$STACK" \
    --query 'ResourceTagMappingList[].ResourceARN' --output text | tr '\t' '\n' | grep -E "[:/]$2-[0-9a-f]{7}(\.fifo)?([:/]|\$)")
  if [ "$(grep -c . <<<"$found")" -ne 1 ]; then
    echo "of type $1 the stack $STACK of $PROJECT has not one $2-...: ${found:-none}" >&2
    return 1
  fi
  echo "$found"
}

# Its name alone: name_of sqs data-jobs-dead
name_of() {
  local arn
  arn=$(arn_of "$1" "$2") && grep -oE "[:/]$2-[0-9a-f]{7}(\.fifo)?([:/]|\$)" <<<"$arn" | tr -d ':/'
}
