//! Fields that a site adds to its tickets.

use std::sync::Arc;

use domain::*;

use crate::{database::Database, fixture::*};

pub(crate) async fn fields_are_defined_and_changed(db: Arc<Database>) {
    let first = Field {
        of: FieldOf::Ticket,
        key: "plan".to_owned(),
        title: "Plan".to_owned(),
        kind: FieldKind::Number { min: Some(1), max: None },
        show_when: Some(ShowWhen::Ticket("team:sales field.other:none".parse().unwrap())),
        required: Required::OnSolve,
        position: 2,
        state: FieldState::Active,
        revision: 1,
    };
    let second = Field {
        key: "order".to_owned(),
        kind: FieldKind::Regex { pattern: Pattern::new("[A-Z]+").unwrap() },
        show_when: None,
        position: 1,
        ..first.clone()
    };
    let changed = Field {
        title: "Tariff".to_owned(),
        kind: FieldKind::Number { min: None, max: Some(9) },
        show_when: None,
        required: Required::Never,
        state: FieldState::Retired,
        position: 0,
        revision: 2,
        ..first.clone()
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_field(&first).await.unwrap();
    tx.insert_field(&second).await.unwrap();
    assert!(is_conflict(&tx.insert_field(&first).await));
    assert_eq!(tx.fields(FieldOf::Ticket).await.unwrap(), [second.clone(), first.clone()]);
    tx.update_field(&changed).await.unwrap();
    assert!(is_not_found(&tx.update_field(&Field { key: "x".to_owned(), ..first }).await));
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_fields(FieldOf::Ticket).await.unwrap(), [changed, second]);
}
