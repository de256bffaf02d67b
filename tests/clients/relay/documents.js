// Read by relay-compiler alone: an application has such documents in its components, and a plugin that replaces them.
import { graphql } from 'relay-runtime';

graphql`
  query documentsTasksQuery($after: String) {
    ...documentsTasks @arguments(after: $after)
    taskChanges(first: 1) {
      latestCursor
    }
  }
`;

graphql`
  fragment documentsTasks on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 3 }, after: { type: "String" })
  @refetchable(queryName: "documentsNextTasksQuery") {
    tasks(first: $first, after: $after, orderBy: [{ field: TITLE, direction: ASC }]) @connection(key: "documents_tasks") {
      edges {
        node {
          id
          title
          dueAt
        }
      }
    }
  }
`;

graphql`
  subscription documentsTaskChangedSubscription($after: String) {
    taskChanged(after: $after) {
      cursor
      kind
      taskId
      task {
        id
        title
      }
    }
  }
`;

graphql`
  query documentsTaskQuery($id: ID!) {
    node(id: $id) {
      ... on Task {
        title
      }
    }
  }
`;
